const MAX_CHARACTERS = 72

/** One line that fits the title of a pull request, from text that may be Markdown of several lines. */
export function clipTitle(text: string): string {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/^[\s>#*-]+/, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
  const line = lines.find((candidate) => candidate !== '' && !/^[`~]{3}/.test(candidate)) ?? ''
  if (line.length <= MAX_CHARACTERS) return line
  const cut = line.slice(0, MAX_CHARACTERS - 1)
  const space = cut.lastIndexOf(' ')
  return `${(space > MAX_CHARACTERS / 2 ? cut.slice(0, space) : cut).trimEnd()}…`
}
