import { nearestName } from '../../text/nearest-name.ts'

/** Reports a mistake in a settings file: `key` is the path of keys to the mistake, `what` a sentence for people. */
export type ReportMistake = (key: readonly PropertyKey[], what: string) => void

/** The most mistakes to report. More would fill a thread. */
const MAX_PROBLEMS = 10

/** Collects mistakes as sentences that begin with the file and, if `lineOf` knows it, the line. */
export function collectMistakes(
  path: string,
  lineOf: (key: readonly PropertyKey[]) => number | undefined,
): { readonly problems: readonly string[]; readonly report: ReportMistake } {
  const problems: string[] = []
  return {
    problems,
    report(key, what) {
      if (problems.length >= MAX_PROBLEMS) return
      const line = lineOf(key)
      problems.push(`\`${path}\`${line === undefined ? '' : ` line ${line}`}: ${what}`)
    },
  }
}

export function unknownKey(key: string, known: readonly string[]): string {
  const shown = key.slice(0, 40)
  const meant = nearestName(shown, known)
  const cure =
    meant === undefined
      ? `Known are ${known.map((name) => `\`${name}\``).join(', ')}.`
      : `Did you mean \`${meant}\`?`
  return `\`${shown}\` is not a setting and was ignored. ${cure}`
}
