/** How many elements a piece of HTML that we drew has: text in it is escaped, so each `<` with a letter begins one. */
export function countNodes(drawn: string): number {
  let count = 0
  for (let at = drawn.indexOf('<'); at !== -1; at = drawn.indexOf('<', at + 1)) {
    if (drawn.charCodeAt(at + 1) !== 0x2f) count++
  }
  return count
}
