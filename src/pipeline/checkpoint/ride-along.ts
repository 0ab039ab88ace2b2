import type { ExecResult, NextCommand, Sandbox } from '../../sandbox/sandbox.ts'
import { onlyLooks } from '../workspace/tree-watch.ts'

/** A sandbox that runs a second command after each command of the agent, without a request of its own. */
interface RideAlong {
  /** The sandbox for the agent. The second command follows each command in the agent's shell that may change files. */
  readonly sandbox: Sandbox
  /**
   * Takes the last result of the second command, once; undefined if files may have changed since. Waits until no second
   * command is running.
   */
  readonly take: () => Promise<ExecResult | undefined>
}

/** @param next returns the second command, which must only read; called for each command of the agent. */
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
      // If the second command fails or the sandbox is lost, the caller reads again.
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
