/**
 * What a QR code is that is not one of our passes, so that the door can say it in words. Looks at the beginning alone,
 * opens nothing. Pure.
 * @module
 */

/** What it begins with, first match first. @type {[RegExp, string][]} */
const KINDS = [
  [/^MJ1:/, "broken"],
  [/^HC1:/, "other_country"], // the European Union's certificate
  [/^(shc:\/|NZCP:\/)/i, "other_country"], // SMART Health Cards; New Zealand's pass
  [/^https?:\/\/[^/]+\/v\//i, "poster"],
  [/^https?:\/\/[^/]+\/scanner\/[^#]*#code=/i, "pairing"],
  [/^https?:\/\//i, "link"],
  [/^WIFI:/i, "wifi"],
  [/^(BEGIN:VCARD|MECARD:|BIZCARD:)/i, "contact"],
  [/^(tel|sms|smsto|mailto|geo):/i, "link"],
  [/^\d{8,14}$/, "goods"], // EAN-8 to ITF-14
];

/**
 * @param {string} text
 * @returns {"broken"|"other_country"|"poster"|"pairing"|"link"|"wifi"|"contact"|"goods"|"other"}
 */
export function kindOf(text) {
  return /** @type {any} */ (KINDS.find(([begins]) => begins.test(text))?.[1] ?? "other");
}
