/** Counts the elements in HTML that we drew. Text in it is escaped, so each `<` that is not followed by `/` begins one. */
export function countNodes(drawn: string): number {
  let count = 0
  for (let at = drawn.indexOf('<'); at !== -1; at = drawn.indexOf('<', at + 1)) {
    if (drawn.charCodeAt(at + 1) !== 0x2f) count++
  }
  return count
}
