/**
 * `signal.reason` of a run whose worker must let go: it shuts down, or was taken for dead. Not a cancellation: the
 * run goes on elsewhere, so write no terminal event, undo nothing and return.
 */
export class RunReleased extends Error {
  constructor() {
    super('This worker lets go of the run; another attempt carries it on')
    this.name = 'RunReleased'
  }
}
