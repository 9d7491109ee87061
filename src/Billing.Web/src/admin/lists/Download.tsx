import { Button } from "antd";
import { useState } from "react";
import { ask, Failed as Unanswered } from "../../api/client";
import type { Failure } from "../../api/failure";
import { Failed } from "../../shell/States";
import type { AnyVariables, TypedDocumentNode } from "@urql/core";

/** A button to a file. Its link is made when it is asked for: it is good for ten minutes, and its use is written down. */
export function Download<Data, Variables extends AnyVariables>({
  name,
  query,
  variables,
  pick,
}: {
  name: string;
  query: TypedDocumentNode<Data, Variables>;
  variables: Variables;
  /** The link in the answer; nothing when there is none for this reader. */
  pick: (data: Data) => string | undefined;
}) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const get = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const link = pick(await ask(query, variables));
      if (link) location.assign(link);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      setFailure(error.failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button loading={busy} onClick={() => void get()}>
        {name}
      </Button>
      {failure && <Failed failure={failure} />}
    </>
  );
}
