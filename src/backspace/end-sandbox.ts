import type { Run } from '../runs/run.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'

/**
 * Ends the sandbox of a run that nobody carries any more; one that is gone already is no failure.
 *
 * @throws {SandboxError} `unreachable`; it then ends by itself within minutes, or the next sweep ends it.
 */
export async function endSandbox(sandboxes: SandboxProvider, { progress }: Run): Promise<void> {
  if (progress.sandboxId !== undefined) await sandboxes.kill(progress.sandboxId)
}
