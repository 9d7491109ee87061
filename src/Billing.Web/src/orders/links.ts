// What a phone can open: web addresses, and those of the two wallets. A provider's text is not trusted with more.
const schemes = ["https:", "http:", "weixin:", "wxp:", "alipay:", "alipays:"];

/** The text of a QR code as something to tap on the phone that it is shown on; null when it is no address. */
export function tappable(text: string | null | undefined): string | null {
  if (!text) return null;
  try {
    return schemes.includes(new URL(text).protocol) ? text : null;
  } catch {
    return null;
  }
}
