/** How test runners, compilers and linters begin a line that says what is wrong. */
const FAILURE =
  /^\s*(?:not ok\b|[✖✗✕×❌]|FAIL(?:ED|URE)?\b|--- FAIL|E {2,}|error\b|fatal\b|panic\b|Traceback\b|Expected values\b|[\w.]*(?:Error|Exception)\b|(?:expected|actual|received|left|right)\b\s*[:=])|:\d+(?::\d+)?:? (?:- )?error\b|\b[1-9]\d* (?:failed|failing|errors?|failures?)\b/i
/** Totals of what passed, for a command that went well. */
const TOTALS =
  /^\s*(?:[#ℹ] (?:pass|fail) \d+|ok\b|PASS\b|Tests?\b.*\d|.*\b\d+ (?:passed|passing|tests?|specs?|examples?)\b)/i
/** What reporters add and nobody reads. */
const CHATTER =
  /^\s*(?:$|[#ℹ] (?:suites|cancelled|skipped|todo|duration_ms|tests) |duration_ms\b|failureType\b|(?:---|\.\.\.|error: \|-?)$|TAP version|> |npm (?:warn|notice|error))/i

/**
 * The few lines of a command's output that say how it went: what fails and why for one that failed, the totals for
 * one that went well; the last lines where neither is to be found. In their order, each once.
 */
export function tellingLines(
  output: string,
  { failed, most }: { readonly failed: boolean; readonly most: number },
): readonly string[] {
  const lines = output.split('\n').filter((line) => !CHATTER.test(line))
  const telling = lines.filter((line) => (failed ? FAILURE : TOTALS).test(line))
  // Runners repeat their failures in a summary.
  const once = [...new Map(telling.map((line) => [line.trim(), line])).values()]
  if (once.length === 0) return lines.slice(-most)
  return failed ? once.slice(0, most) : once.slice(-Math.min(most, 2))
}
