import { expect, test } from "vitest";
import { tappable } from "./links";

test.each(["https://pay.example/1", "weixin://wxpay/bizpayurl?pr=1", "alipays://platformapi/startapp?x=1", "wxp://f2f0"])("%s can be tapped", (text) => expect(tappable(text)).toBe(text));
test.each(["javascript:alert(1)", "data:text/html,1", "file:///etc/passwd", "just a text", "", null])("%j cannot", (text) => expect(tappable(text)).toBeNull());
