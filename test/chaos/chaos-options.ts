import { parseArgs } from 'node:util'

export interface ChaosOptions {
  /** No round begins after this; the one under way is finished. */
  readonly minutes: number
  /** Decides all that is decided by chance. */
  readonly seed: number
  readonly databases: readonly ('pglite' | 'postgres')[]
  /** Directory that logs and data are kept in when something was violated. */
  readonly keep: boolean
}

export const USAGE = `Usage:
  npm run chaos -- --minutes 5                        kills, freezes and misleads real processes for that long
  npm run chaos -- --seed 42                          the same decisions as in an earlier run
  npm run chaos -- --database pglite|postgres|both    default: both, half of the time each
  npm run chaos -- --keep                             keeps logs and data also when all is well`

/** @throws {Error} that says what to write instead. */
export function readChaosOptions(args: readonly string[], now: number = Date.now()): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(now % 1_000_000) },
      database: { type: 'string', default: 'both' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    minutes: numberIn(values.minutes, { name: '--minutes', min: 0.1, max: 24 * 60 }),
    seed: numberIn(values.seed, { name: '--seed', min: 0, max: 0xffff_ffff }),
    databases: databasesOf(values.database),
    keep: values.keep,
  }
}

function numberIn(
  text: string,
  { name, min, max }: { readonly name: string; readonly min: number; readonly max: number },
): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= min && value <= max) return value
  throw new Error(`${name} must be a number from ${min} to ${max}, not "${text}".`)
}

function databasesOf(text: string): ChaosOptions['databases'] {
  if (text === 'both') return ['pglite', 'postgres']
  if (text === 'pglite' || text === 'postgres') return [text]
  throw new Error(`--database must be pglite, postgres or both, not "${text}".`)
}
