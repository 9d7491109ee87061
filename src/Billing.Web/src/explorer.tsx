import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";
import { takeToken, token } from "./session";

takeToken();
const bearer = token();
const authorization = bearer ? { Authorization: `Bearer ${bearer}` } : {};
const fetcher = createGraphiQLFetcher({
  url: "/graphql",
  headers: { Accept: "application/json", ...authorization },
  wsClient: createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    lazy: true,
    connectionParams: bearer ? { authorization: `Bearer ${bearer}` } : {},
  }),
});

const first = `# Billing's API. Sign in at /dev/sign-in?return=/explorer to act as somebody.
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
