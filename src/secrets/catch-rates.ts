import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { findSecrets } from './find-secrets.ts'

/** How well Backspace judges the texts with which gitleaks tests one of its rules. */
export interface CatchRate {
  /** Id of gitleaks' rule. */
  readonly rule: string
  /** Number of texts with a secret. `found` counts those with a finding. */
  readonly secrets: number
  readonly found: number
  /** Number of texts without a secret. `false` counts those with a finding. */
  readonly harmless: number
  readonly false: number
}

interface Samples {
  readonly rule: string
  readonly secrets: readonly string[]
  readonly harmless: readonly string[]
}

/**
 * Judges every text that gitleaks' rule generators make for its own tests. The texts are stored compressed, so that no
 * scanner reports this repository. Texts in which no rule of gitleaks finds anything count as harmless.
 */
export function measureCatchRates(): readonly CatchRate[] {
  const stored = readFileSync(new URL('./gitleaks/samples.txt', import.meta.url), 'utf8')
  const samples = JSON.parse(gunzipSync(Buffer.from(stored, 'base64')).toString()) as readonly Samples[]
  const isFound = (text: string) => findSecrets(text, { knownSecrets: [] }).length > 0
  return samples.map(({ rule, secrets, harmless }) => ({
    rule,
    secrets: secrets.length,
    found: secrets.filter(isFound).length,
    harmless: harmless.length,
    false: harmless.filter(isFound).length,
  }))
}

/** The rates of all rules together. */
export function totalRate(rates: readonly CatchRate[]): CatchRate {
  const sum = (of: (rate: CatchRate) => number) => rates.reduce((total, rate) => total + of(rate), 0)
  return {
    rule: 'all',
    secrets: sum(({ secrets }) => secrets),
    found: sum(({ found }) => found),
    harmless: sum(({ harmless }) => harmless),
    false: sum((rate) => rate.false),
  }
}
