// Verifies what a webhook brought, with the library of Standard Webhooks: a line of JSON {secret, headers, body} in, "verified" or "refused: why" out.
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  try {
    new Webhook(secret).verify(body, headers);
    console.log('verified');
  } catch (problem) {
    console.log(`refused: ${problem.message}`);
  }
}
