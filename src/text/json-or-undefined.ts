/** The value of a JSON text; undefined if the text is not JSON. No JSON has the value undefined. */
export function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
