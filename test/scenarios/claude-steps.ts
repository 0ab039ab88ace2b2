import { delimiter, dirname } from 'node:path'
import { afterAll, beforeAll, vi } from 'vitest'
import type { Step } from '../stand-ins/models/script.ts'
import { claudeCodeBinary } from '../support/claude-code.ts'

/** The settings of an operator who chose Claude Code, for the stories of one file; the templates of E2B have it, too. */
export async function withClaudeCode() {
  const binary = await claudeCodeBinary()
  // The stand-in lends its sandboxes what is on PATH.
  beforeAll(() => void vi.stubEnv('PATH', [dirname(binary), process.env.PATH].join(delimiter)))
  afterAll(() => void vi.unstubAllEnvs())
  return { BACKSPACE_AGENT: 'claude-code', CLAUDE_CODE_PATH: binary } as const
}

export function claudeBash(command: string): Step {
  return { calls: [{ name: 'Bash', args: { command, description: 'Work' } }] }
}

/** Greets a visitor without a name as a stranger. */
export const FIX_BY_COMMAND = claudeBash(`sed -i "s/{name}/{name?.trim() || 'stranger'}/" src/greet.js`)

/** What Claude Code says at the end of each turn: a first time, and again after it has read its change. */
export const CLAUDE_FINISH: Step = {
  calls: [
    {
      name: 'StructuredOutput',
      args: {
        outcome: 'done',
        title: 'Greet a visitor without a name as a stranger',
        summary: 'A missing or blank name now falls back to `stranger`.',
        tests_run: ['npm test'],
      },
    },
  ],
}
