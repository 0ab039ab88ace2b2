/** Arguments of a tool call: parsed, or the reason why they could not be. */
export type ParsedArgs =
  | { readonly args: Readonly<Record<string, unknown>>; readonly invalid?: undefined }
  | { readonly args: undefined; readonly invalid: string }

/** Parses what a model wrote as arguments. An empty text is a call without arguments. */
export function parseArgs(json: string): ParsedArgs {
  if (json.trim() === '') return { args: {} }
  try {
    const args: unknown = JSON.parse(json)
    if (isRecord(args)) return { args }
    return { args: undefined, invalid: 'The arguments must be a JSON object.' }
  } catch {
    return { args: undefined, invalid: 'The arguments are not valid JSON; they were probably cut off.' }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
