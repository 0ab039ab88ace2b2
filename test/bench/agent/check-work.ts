import type { MeteredRequest } from './metered-server.ts'
import { resultsIn } from './request-shape.ts'
import { doneFiles, taskSteps } from './task.ts'

/**
 * A client whose tools only fail would be quick: each result must hold what it should, and the files must have
 * changed.
 *
 * @param readFile the text of a file as the client left it.
 * @throws {Error} that says what is wrong.
 */
export async function checkWork(
  requests: readonly MeteredRequest[],
  readFile: (path: string) => Promise<string>,
): Promise<void> {
  const results = resultsIn(requests.findLast(({ main }) => main)?.body ?? {})
  for (const [index, step] of taskSteps().entries()) {
    const result = JSON.stringify(results[index] ?? 'none')
    if (!result.includes(step.expects)) {
      throw new Error(`step ${index + 1}, ${step.kind}, was answered with: ${result.slice(0, 1000)}`)
    }
  }
  for (const [path, text] of Object.entries(doneFiles())) {
    if ((await readFile(path)) !== text) throw new Error(`${path} is not what the task makes of it`)
  }
}
