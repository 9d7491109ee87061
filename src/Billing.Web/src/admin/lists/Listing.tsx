import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Failure } from "../../api/failure";
import { Failed, Loading, Nothing } from "../../shell/States";
import { useMedia } from "../../shell/Theme";

const wide = matchMedia("(min-width: 64rem)");

export interface Column<Node> {
  /** Its heading. */
  name: string;
  of: (node: Node) => ReactNode;
  figure?: boolean;
}

interface Pages<Node> {
  nodes: readonly Node[] | undefined;
  failure?: Failure | undefined;
  loading?: boolean;
  more?: (() => void) | undefined;
  again?: () => void;
}

/** A list: a table where there is room for one, else cards. The first column names a line. */
export function Listing<Node extends { id: string }>({
  title,
  columns,
  none,
  pages: { nodes, failure, loading = false, more, again },
}: {
  title: string;
  columns: readonly Column<Node>[];
  none: string;
  pages: Pages<Node>;
}) {
  const { t } = useTranslation();
  const isWide = useMedia(wide);
  return (
    <>
      {!nodes && !failure && <Loading lines={6} />}
      {nodes?.length === 0 && <Nothing text={none} />}
      {nodes && nodes.length > 0 && (isWide ? <Table title={title} columns={columns} nodes={nodes} /> : <Cards title={title} columns={columns} nodes={nodes} />)}
      {failure && <Failed failure={failure} again={again} />}
      {more && nodes && !failure && (
        <Button block loading={loading} onClick={more}>
          {t("states.more")}
        </Button>
      )}
    </>
  );
}

interface Lines<Node> {
  title: string;
  columns: readonly Column<Node>[];
  nodes: readonly Node[];
}

function Table<Node extends { id: string }>({ title, columns, nodes }: Lines<Node>) {
  return (
    <div className="panel scroll" role="group" aria-label={title} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ name, figure }) => (
              <th key={name} scope="col" className={figure ? "figure" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.id}>
              {columns.map(({ name, of, figure }) => (
                <td key={name} className={figure ? "figure" : undefined}>
                  {of(node)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cards<Node extends { id: string }>({ title, columns, nodes }: Lines<Node>) {
  return (
    <ul className="cards" aria-label={title}>
      {nodes.map((node) => (
        <li key={node.id} className="panel">
          <dl>
            {columns.map(({ name, of }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{of(node)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** Pairs of what it is and what it says. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode] | false | null | undefined | "")[] }) {
  return (
    <dl>
      {of.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
