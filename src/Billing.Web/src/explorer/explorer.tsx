import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";
import { beginSession, token } from "../shell/session";

beginSession();
// Beside this page, whatever prefix it is reached under.
const api = new URL("graphql", location.href);
const bearer = token();
const authorization = bearer ? { Authorization: `Bearer ${bearer}` } : {};
const fetcher = createGraphiQLFetcher({
  url: api.href,
  headers: { Accept: "application/json", ...authorization },
  wsClient: createClient({
    url: api.href.replace(/^http/, "ws"),
    lazy: true,
    connectionParams: bearer ? { authorization: `Bearer ${bearer}` } : {},
  }),
});

const first = `# Billing's API. Sign in at dev/sign-in?return=/explorer to act as somebody.
{
  plans {
    slug
    name
    price { formatted }
  }
}
`;

const root = document.getElementById("explorer");
if (root) createRoot(root).render(<GraphiQL fetcher={fetcher} defaultQuery={first} />);
