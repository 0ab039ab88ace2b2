/** Arguments of a tool call: parsed, or the reason why they cannot be used. */
export type ParsedArgs =
  | { readonly args: Readonly<Record<string, unknown>>; readonly invalid?: undefined }
  | { readonly args: undefined; readonly invalid: string }

/** Parses what a model wrote as arguments. An empty text is a call without arguments. */
export function parseArgs(json: string): ParsedArgs {
  if (json.trim() === '') return { args: {} }
  try {
    return checkArgs(JSON.parse(json))
  } catch {
    return { args: undefined, invalid: 'The arguments are not valid JSON; they were probably cut off.' }
  }
}

/** The same for arguments that came parsed. */
export function checkArgs(args: unknown): ParsedArgs {
  if (isRecord(args)) return { args }
  return { args: undefined, invalid: 'The arguments must be a JSON object.' }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
