import type { RecordedRequest, Step } from '../stand-ins/models/script.ts'
import { FIX_GREETER } from '../support/start-world.ts'

/** A model that corrects the greeter, but answers only as many turns as a test lets it; after those it is silent. */
export interface PatientModel {
  allow(turns: number): void
  /** The next question that is not answered waits until the returned function is called. */
  holdNext(): () => void
  /** Questions so far that were not answered at once. */
  waiting(): number
  script(request: RecordedRequest): Promise<Step>
}

/** Where a conversation is shows by itself, so a question that is asked again gets the same answer. */
export function createPatientModel(): PatientModel {
  let allowed = Number.POSITIVE_INFINITY
  let held: PromiseWithResolvers<void> | undefined
  let waiting = 0
  return {
    allow(turns) {
      allowed = turns
    },
    holdNext() {
      held = Promise.withResolvers()
      return held.resolve
    },
    waiting: () => waiting,
    async script({ body }) {
      const turns = body.messages.filter(({ role }: { role: string }) => role === 'assistant').length
      const step = FIX_GREETER[turns] ?? FIX_GREETER[3]
      if (turns < allowed) return step
      waiting++
      const hold = held
      held = undefined
      if (hold === undefined) return { fault: 'stall', at: 'start' }
      await hold.promise
      return step
    },
  }
}
