import { existsSync } from 'node:fs'
import { type Config, readConfig } from '../../src/config.ts'

/** What `--live` takes over from the operator's `.env` and environment. */
export interface LiveSettings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly sandbox: Config['sandbox']['kind']
  /** Dollars that one run may cost at most. */
  readonly capUsd: number
}

const TAKEN_OVER = /^(PATH$|ANTHROPIC_|OPENAI_|E2B_|LANGSMITH_|BACKSPACE_)/

/** @throws {Error} that says what is missing for real models. */
export function readLiveSettings(): LiveSettings {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => TAKEN_OVER.test(name)),
  )
  const { models, sandbox, limits } = readConfig(environment)
  if (!models.anthropic && !models.openai) {
    throw new Error('--live needs ANTHROPIC_API_KEY or OPENAI_API_KEY in .env or the environment.')
  }
  return { environment, sandbox: sandbox.kind, capUsd: limits.usd }
}
