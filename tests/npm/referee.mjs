// Judges signed WhatsApp webhooks, one JSON object a line, by what others wrote:
// {"body": "<base64>", "signature": "sha256=…"} gives {"genuine": …, "ids": […], "statuses": n}.
// The app secret is the only argument.
import { createInterface } from "node:readline";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";

const appSecret = process.argv[2];
for await (const line of createInterface({ input: process.stdin })) {
  const { body, signature } = JSON.parse(line);
  const rawBody = Buffer.from(body, "base64");
  const genuine = verifySignature({ appSecret, rawBody, signatureHeader: signature });
  const { messages, statuses } = normalizeWebhook(JSON.parse(rawBody.toString("utf8")));
  console.log(JSON.stringify({ genuine, ids: messages.map((m) => m.id), statuses: statuses.length }));
}
