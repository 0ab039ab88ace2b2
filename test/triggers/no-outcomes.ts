import type { OutcomeStore } from '../../src/runs/outcomes/outcome-store.ts'

/** The ledger of a service whose runs never opened a pull request. */
export const NO_OUTCOMES: OutcomeStore = {
  hasOpened: async () => false,
  find: async () => undefined,
  merged: async () => [],
  due: async () => [],
  save: async () => {},
  markReverted: async () => {},
  postpone: async () => {},
}
