import { randomBytes } from 'node:crypto'
import type { Model } from '../../models/model.ts'
import type { Agent } from '../agent.ts'
import { runTurns } from './run-turns.ts'

/**
 * The agent whose loop runs on the host and whose tools run in the sandbox.
 *
 * @param options.now milliseconds since the epoch, with fractions.
 * @param options.newNonce marks, per run, where quoted text of others starts and ends; must not be guessable.
 */
export function createBuiltinAgent({
  model,
  now = () => performance.timeOrigin + performance.now(),
  newNonce = () => randomBytes(8).toString('hex'),
}: {
  readonly model: Model
  readonly now?: () => number
  readonly newNonce?: () => string
}): Agent {
  return {
    name: 'builtin',
    work: (task, context) => runTurns({ model, now, newNonce, task, context }),
  }
}
