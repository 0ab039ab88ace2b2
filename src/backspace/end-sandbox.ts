import type { Run } from '../runs/run.ts'
import { SandboxError, type SandboxProvider } from '../sandbox/sandbox.ts'

/**
 * Ends the sandbox of a run that nobody carries any more.
 *
 * @throws {SandboxError} unless it is gone already; it then ends by itself within minutes.
 */
export async function endSandbox(sandboxes: SandboxProvider, { progress }: Run): Promise<void> {
  if (progress.sandboxId === undefined) return
  try {
    const sandbox = await sandboxes.attach(progress.sandboxId)
    await sandbox.kill()
  } catch (error) {
    if (error instanceof SandboxError && error.class === 'gone') return
    throw error
  }
}
