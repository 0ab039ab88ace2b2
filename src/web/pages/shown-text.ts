/**
 * Text as a page shows it: characters that reorder what is displayed are made visible, so that a diff cannot look
 * like something that it is not (https://trojansource.codes). Escaping is left to the template.
 */
export function shownText(text: string): string {
  return text.replace(
    /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g,
    (character) => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}
