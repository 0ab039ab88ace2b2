/** What a text says as JSON; undefined if it is none, which no JSON is. */
export function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
