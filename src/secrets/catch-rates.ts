import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { findSecrets } from './find-secrets.ts'

/** How well the texts with which gitleaks tests one of its rules are judged. */
export interface CatchRate {
  /** Id of gitleaks' rule. */
  readonly rule: string
  /** Texts with a secret, and how many of them have a finding. */
  readonly secrets: number
  readonly found: number
  /** Texts without a secret, and how many of them have a finding. */
  readonly harmless: number
  readonly false: number
}

interface Samples {
  readonly rule: string
  readonly secrets: readonly string[]
  readonly harmless: readonly string[]
}

/**
 * Judges every text that gitleaks' generators of rules make for its own tests. They are stored compressed, so that no
 * scanner takes this repository for leaking. Harmless texts are those in which no rule of gitleaks finds anything.
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

/** All rules together. */
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
