import type { Step } from '../stand-ins/models/script.ts'
import { readFixture } from '../support/read-fixture.ts'
import type { Conversation, Policy } from './conversation.ts'
import type { Assignment } from './start-evaluation.ts'

/** A policy at work on the greeter, whose test fails; `files` are put over its own, and those of `without` are left out. */
export function onGreeter(
  name: string,
  policy: Policy,
  files: Readonly<Record<string, string>> = {},
  without: readonly string[] = [],
): Assignment {
  const all = Object.entries({ ...readFixture('greeter'), ...files })
  const kept = Object.fromEntries(all.filter(([path]) => !without.includes(path)))
  return { name, files: kept, issue: { title: 'Hello' }, policy }
}

/**
 * The same with a check that takes a millisecond and fails as its test does: npm and `node --test` take a fifth of a second
 * of a core, four times in each run. The scene `credentials` keeps them.
 */
export function onQuickGreeter(...[name, policy, files]: Parameters<typeof onGreeter>) {
  const settings = 'setup: []\nchecks: grep -q trim src/greet.js\n'
  return onGreeter(name, policy, { '.github/backspace.yml': settings, ...files })
}

/** A model that does one thing after the other whatever it is answered; the last for ever. */
export function stubborn(...steps: readonly Step[]): Policy {
  return ({ turns }: Conversation) => steps[Math.min(turns, steps.length - 1)] ?? { text: '' }
}

export function sh(command: string): Step {
  return { calls: [{ name: 'bash', args: { command } }] }
}

export function claim(claimed: {
  readonly outcome?: string
  readonly title?: string
  readonly summary?: string
  readonly tests_run?: readonly string[]
}): Step {
  const args = { outcome: 'done', title: 'Greet strangers', summary: 'All tests pass.', ...claimed }
  return { calls: [{ name: 'finish', args }] }
}

/** The change that the greeter's failing test asks for. */
export const FIX = sh(`sed -i "s/Hello, \\\${name}!/Hello, \\\${name?.trim() || 'stranger'}!/" src/greet.js`)
