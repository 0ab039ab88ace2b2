import type { SettingsReader } from './settings-reader.ts'

/**
 * Reads which private repositories may be traced: `true` for all, or patterns of `owner/name`.
 *
 * @returns patterns, in which `*` matches any text without a slash.
 */
export function readTracedPrivate(
  reader: SettingsReader,
  name: 'LANGSMITH_TRACE_PRIVATE' | 'BACKSPACE_OTEL_TRACE_PRIVATE',
): readonly string[] {
  const words = reader.list(name)
  if (words.length === 1 && /^(true|false)$/.test(words[0] ?? '')) return words[0] === 'true' ? ['*/*'] : []
  const wrong = words.filter((word) => !/^(\*|[\w.*-]{1,100}\/[\w.*-]{1,100})$/.test(word))
  if (wrong.length > 0) {
    reader.problem(`${name} must be true, false, or a list of repositories such as acme/api, acme/*.`)
  }
  return words.map((word) => (word === '*' ? '*/*' : word))
}
