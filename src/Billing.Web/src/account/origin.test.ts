import { expect, test } from "vitest";
import { originOf } from "./origin";

test.each([
  ["order:7K2P9QWDM4TR0V8N", "order"],
  ["code:k1.abc:1", "code"],
  ["earlier", "earlier"],
  ["ticket-4711", "adjustment"],
])("%s is of kind %s", (source, kind) => expect(originOf(source).kind).toBe(kind));

test("an order's number is told", () => expect(originOf("order:7K2P9QWDM4TR0V8N").rest).toBe("7K2P9QWDM4TR0V8N"));
