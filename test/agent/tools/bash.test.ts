import { expect, test } from 'vitest'
import { endGroups, livingGroups } from '../../../src/agent/tools/bash.ts'
import { limitOnceBegun } from '../../support/limit-once-begun.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { useTools } from '../support/use-tools.ts'

test('a command runs at the root of the workspace and tells exit code and output', async () => {
  const place = await openWorkspace({ 'a.txt': 'one\n' })
  const { ok } = useTools(place)

  expect(await ok('bash', { command: 'ls; echo out; echo err >&2; exit 3' })).toMatch(
    /^exit 3 · \d+\.\d s\na\.txt\nout\nerr$/,
  )
  expect(await ok('bash', { command: 'true' })).toContain('(no output)')
  expect(await ok('bash', { command: `echo 'it'"'"'s $HOME' "\\"x\\""` })).toContain(`it's $HOME "x"`)
})

test('no shell state survives a call, files do', async () => {
  const { ok } = useTools(await openWorkspace({ 'sub/a.txt': 'x' }))

  await ok('bash', { command: 'cd sub; export X=1; echo made > made.txt' })
  expect(await ok('bash', { command: 'echo "[$X]"; ls' })).toMatch(/\[\]\nsub$/)
  expect(await ok('bash', { command: 'ls', cwd: 'sub' })).toContain('made.txt')
})

test('a directory that does not exist is an error and nothing runs', async () => {
  const { problem } = useTools(await openWorkspace())

  expect(await problem('bash', { command: 'echo ran', cwd: 'nowhere' })).toContain('did not start')
})

test('long output keeps head and tail, and the whole stays in a log outside of the workspace', async () => {
  const place = await openWorkspace()
  const { ok } = useTools(place)

  const text = await ok('bash', { command: 'seq 1 100000' })

  expect(text.length).toBeLessThan(17_000)
  expect(text).toMatch(/\n1\n2\n3\n/)
  expect(text).toMatch(/\[… \d+ bytes left out …\]/)
  expect(text).toMatch(/\n99999\n100000\n/)
  const log = /full log: (\S+), 100000 lines/.exec(text)?.[1] ?? ''
  expect(log.startsWith(`${place.sandbox.home}/.backspace/out/`)).toBe(true)
  expect(await ok('bash', { command: `sed -n 50000p ${log}` })).toContain('\n50000')
  expect(await place.sh('git status --porcelain')).toBe('')
})

test('output without end does not fill the disk', async () => {
  const { ok } = useTools(await openWorkspace())

  const text = await ok('bash', { command: 'yes | head -c 60000000' })

  const bytes = Number(/lines, (\d+) bytes/.exec(text)?.[1])
  expect(bytes).toBeGreaterThan(30_000_000)
  expect(bytes).toBeLessThan(36_000_000)
})

test('a command that takes too long is stopped and shows what it printed', async () => {
  const place = await openWorkspace()
  const { ok, events } = useTools(place)
  const command = 'echo before; touch begun; sleep 600; echo after'
  let seconds = 0
  const stopped = (limitMs: number) => {
    seconds = Math.ceil(limitMs / 1000)
    return ok('bash', { command, timeout_s: seconds })
  }

  const text = await limitOnceBegun(stopped, async () => (await place.sh('ls')).includes('begun'))

  expect(text).toMatch(new RegExp(`^exit 124 .*stopped after ${seconds} s`))
  expect(text).toContain('\nbefore')
  expect(text).not.toContain('after\n')
  expect(events.at(-1)).toMatchObject({ type: 'tool.finished', detail: { kind: 'bash', exitCode: 124 } })
})

test('a process that a command leaves running does not hold the call', async () => {
  const { ok } = useTools(await openWorkspace())

  const text = await ok('bash', { command: 'sleep 300 & echo started' })

  expect(text).toContain('started')
})

test('a background process is given its id and log, and is ended by its group', async () => {
  const place = await openWorkspace()
  const { ok, problem, backgroundGroups } = useTools(place)

  const text = await ok('bash', { command: 'echo ready; sleep 100 & sleep 100', background: true })

  const log = /^log: (.*)$/m.exec(text)?.[1] ?? ''
  await expect.poll(() => ok('bash', { command: `cat ${log}` })).toContain('ready')
  expect(backgroundGroups.size).toBe(1)
  await ok('bash', { command: 'sleep 100', background: true })
  await ok('bash', { command: 'sleep 100', background: true })
  expect(await problem('bash', { command: 'sleep 100', background: true })).toContain(
    '3 background processes',
  )

  await endGroups(place.sandbox, backgroundGroups)

  await expect.poll(() => livingGroups(place.sandbox, backgroundGroups)).toEqual([])
})

test('a cancelled command ends as interrupted', async () => {
  const { answer, controller, events } = useTools(await openWorkspace())

  const running = answer('bash', { command: 'sleep 60' })
  await expect.poll(() => events.length).toBeGreaterThan(0)
  controller.abort(new Error('stop'))

  expect((await running).part.text).toContain('cancelled')
  expect(events.at(-1)).toMatchObject({ type: 'tool.finished', status: 'interrupted' })
})

test('colours and overwritten progress lines are taken out', async () => {
  const { ok } = useTools(await openWorkspace())

  const text = await ok('bash', {
    command: `printf '\\033[31mred\\033[0m\\n10%%\\r50%%\\r100%%\\ndone\\r\\n'`,
  })

  expect(text.split('\n').slice(1)).toEqual(['red', '100%', 'done'])
})

test('bytes that are no text are left out, and a command that removes its log is not said to have not started', async () => {
  const { ok, problem } = useTools(await openWorkspace())

  expect(await ok('bash', { command: "printf 'a\\0b\\x07c\\td'" })).toContain('abc\td')
  expect(await problem('bash', { command: 'rm -rf ~/.backspace' })).toContain('it may have run')
})

test('the same failure is recognised although it took another time', async () => {
  const { answer } = useTools(await openWorkspace())

  const first = await answer('bash', { command: 'echo "1 failed in 1.23 s"; exit 1' })
  const second = await answer('bash', { command: 'echo "1 failed in 4.56 s"; exit 1' })
  const other = await answer('bash', { command: 'echo "2 failed in 4.56 s"; exit 1' })

  expect(second.fingerprint).toBe(first.fingerprint)
  expect(other.fingerprint).not.toBe(first.fingerprint)
})
