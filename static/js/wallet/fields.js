/**
 * What people type and read: birth dates and numbers. Pure.
 * @module
 */

/**
 * @param {string} typed "19900131", "1990-01-31", "1990. 1. 31."
 * @param {number} nowMs
 * @returns {string|null} YYYY-MM-DD, null where there is no such day in the past
 */
export function readDay(typed, nowMs) {
  const parts = typed.trim().match(/^(\d{4})(\d{2})(\d{2})$/) ?? typed.match(/^\s*(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*$/);
  if (!parts) return null;
  const day = `${parts[1]}-${parts[2].padStart(2, "0")}-${parts[3].padStart(2, "0")}`;
  const moment = new Date(`${day}T00:00Z`);
  const real = !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day);
  return real && day > "1900" && moment.getTime() < nowMs ? day : null;
}

/**
 * @param {string} phone "01000001234"
 * @returns {string} "010-0000-1234"
 */
export function withHyphens(phone) {
  return phone.replace(/^(\d{3})(\d{3,4})(\d{4})$/, "$1-$2-$3");
}

/**
 * @param {string} phone "01000001234"
 * @returns {string} "010-****-1234"
 */
export function maskPhone(phone) {
  return withHyphens(phone).replace(/-\d+-/, "-****-");
}
