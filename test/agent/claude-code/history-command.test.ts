import { expect, test } from 'vitest'
import type { FetchHistory } from '../../../src/agent/agent.ts'
import {
  answerHistory,
  historyScript,
  withHistoryCommand,
} from '../../../src/agent/claude-code/history-command.ts'
import { sessionFiles } from '../../../src/agent/claude-code/session-files.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { taskIn } from '../support/work-on.ts'

test('a command in the sandbox asks the host for more of the past', async () => {
  const place = await openWorkspace({ 'a.txt': 'a\n' })
  const { sandbox } = place
  const files = sessionFiles(sandbox, 'id', 'start')
  const asked: (number | undefined)[] = []
  const fetchHistory: FetchHistory = async ({ commits }) => {
    asked.push(commits)
    return { isThere: commits !== 7, text: `It has „${commits ?? 'all'}“.` }
  }
  const { signal } = new AbortController()
  const handle = answerHistory(() => new Response('gateway', { status: 401 }), { fetchHistory, signal })
  await using forwarding = await sandbox.forward(handle)
  await sandbox.writeFile(files.history, Buffer.from(historyScript(forwarding.origin)))
  const run = async (args: string) => {
    const { stdout, exitCode } = await sandbox.exec(`bash ${files.history} ${args}`, { shell: 'agent' })
    return [stdout, exitCode]
  }
  expect(await run('100')).toEqual(['It has „100“.\n', 0])
  expect(await run('')).toEqual(['It has „all“.\n', 0])
  expect(await run('7')).toEqual(['It has „7“.\n', 1])
  expect(await run('70000')).toEqual(['Nothing was fetched: 1 to 20,000 commits, or no number.\n', 1])
  expect(await run("'1 HTTP/1.1'")).toEqual(['', 2])
  expect(asked).toEqual([100, undefined, 7])

  const task = { ...taskIn(place), history: 'the last 50 commits' }
  const told = withHistoryCommand(task, { fetchHistory }, files)
  expect(told.history).toContain(`the last 50 commits; \`bash ${files.history} 1000\` fetches`)
  expect(withHistoryCommand({ ...task, plan: true }, { fetchHistory }, files).history).toBe(task.history)
  expect(withHistoryCommand(task, {}, files).history).toBe(task.history)
})
