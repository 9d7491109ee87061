import type { Failure } from "../api/failure";
import { Failed, Trouble } from "../shell/States";

/** Why a step was not taken. */
export function Problems({ failure, problems, again }: { failure: Failure | undefined; problems: readonly { __typename: string; message: string }[]; again?: () => void }) {
  return (
    <>
      {failure && <Failed failure={failure} again={again} />}
      {problems.map(({ __typename, message }) => (
        <Trouble key={__typename} text={message} />
      ))}
    </>
  );
}
