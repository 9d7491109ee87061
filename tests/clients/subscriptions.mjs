// node subscriptions.mjs <url> <token> <request> <count> [<client>]: prints the first events of a subscription as graphql-ws and graphql-sse receive them, a line each,
// as {"client":"graphql-ws","result":{…}}. The token may be empty; the request is {"query":"…","variables":{…}}. With a client's name, only that one is run.
import { createClient as createSocketClient } from 'graphql-ws';
import { createClient as createStreamClient } from 'graphql-sse';
import WebSocket from 'ws';

const [url, token, request, count, only] = process.argv.slice(2);
if (!url || !request) {
  console.error('usage: node subscriptions.mjs <url> <token> <request> <count> [<client>]');
  process.exit(2);
}

const wanted = Number(count ?? 1);

async function show(name, create) {
  if (only && only !== name) return;
  const client = create();
  let seen = 0;
  for await (const result of client.iterate(JSON.parse(request))) {
    console.log(JSON.stringify({ client: name, result }));
    if (++seen === wanted) break;
  }

  if (seen < wanted) throw new Error(`${name} ended after ${seen} of ${wanted} events`);
  await client.dispose();
}

await show('graphql-ws', () => createSocketClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  connectionParams: token ? { authorization: `Bearer ${token}` } : undefined,
}));
await show('graphql-sse', () => createStreamClient({
  url,
  retryAttempts: 0,
  headers: token ? { authorization: `Bearer ${token}` } : undefined,
}));
process.exit(0);
