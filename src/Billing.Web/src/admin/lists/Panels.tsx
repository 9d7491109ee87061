import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { usePages } from "../../api/hooks";
import { Failed, Loading, Nothing } from "../../shell/States";

/** A list whose lines are too rich for a table: a panel each. */
export function Panels<Node extends { id: string }>({
  none,
  pages: { nodes, failure, loading, more, again },
  of,
}: {
  none: string;
  pages: Omit<ReturnType<typeof usePages>, "nodes"> & { nodes: Node[] | undefined };
  of: (node: Node) => ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <>
      {!nodes && !failure && <Loading lines={8} />}
      {nodes?.length === 0 && <Nothing text={none} />}
      <div className="items">
        {nodes?.map((node) => (
          <div key={node.id} className="panel">
            {of(node)}
          </div>
        ))}
      </div>
      {failure && <Failed failure={failure} again={again} />}
      {more && nodes && !failure && (
        <Button block loading={loading} onClick={more}>
          {t("states.more")}
        </Button>
      )}
    </>
  );
}
