/** Text as it may stand in XML and HTML, between tags and in attributes. XML has no way at all to say U+FFFE and U+FFFF. */
export function escapeXml(text: string): string {
  return text.replace(/[\uFFFE\uFFFF]/g, "\uFFFD").replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
