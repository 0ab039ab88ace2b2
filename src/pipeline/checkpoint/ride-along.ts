import type { ExecResult, NextCommand, Sandbox } from '../../sandbox/sandbox.ts'
import { onlyLooks } from '../workspace/tree-watch.ts'

/** A sandbox on whose commands another one rides, so that it costs no request of its own. */
interface RideAlong {
  /** For the agent: after each command in the agent's shell that may change files comes the riding one. */
  readonly sandbox: Sandbox
  /**
   * The result of the riding command, if nothing may have changed the files since; can be taken once. Resolves when no
   * riding command is under way.
   */
  readonly take: () => Promise<ExecResult | undefined>
}

/** @param next the command, asked for each time. It only reads. */
export function rideAlong(sandbox: Sandbox, next: () => NextCommand): RideAlong {
  let latest: Promise<ExecResult | undefined> | undefined
  let underWay: Promise<unknown> = Promise.resolve()

  const ridingSandbox: Sandbox = {
    ...sandbox,
    async exec(command, options = {}) {
      if (onlyLooks(options)) return sandbox.exec(command, options)
      latest = undefined
      if (options.shell !== 'agent' || options.next) return sandbox.exec(command, options)
      const result = await sandbox.exec(command, { ...options, next: next() })
      // A command that did not end as it should is looked at again; so is a sandbox that is lost.
      latest = result.next?.catch(() => undefined)
      underWay = Promise.all([underWay, latest])
      return result
    },
    writeFile(...given) {
      latest = undefined
      return sandbox.writeFile(...given)
    },
  }

  return {
    sandbox: ridingSandbox,
    async take() {
      const taken = latest
      latest = undefined
      await underWay
      return taken
    },
  }
}
