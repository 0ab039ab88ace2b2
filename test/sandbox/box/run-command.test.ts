import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type CommandOptions, runCommand } from '../../../src/sandbox/box/run-command.ts'

/** Keeps what passes the output on from its work until it gets SIGCONT, as a busy machine does. */
const LATE = `
while set -- $passers; [ $# -lt 2 ]; do
  passers=
  for file in /proc/[0-9]*/stat; do
    read -r pid name state parent group rest <$file && [ "$name $group" = "(cat) $$" ] && passers="$passers $pid"
  done 2>/dev/null
done
kill -STOP $passers
echo told
`

const OPTIONS: CommandOptions = {
  ...{ command: LATE, shell: 'host', home: tmpdir(), cwd: tmpdir(), env: { PATH: process.env.PATH ?? '' } },
  ...{ timeoutMs: 60_000, maxOutputBytes: 1_000_000, stdin: Buffer.alloc(0), marker: `late-${process.pid}` },
  ...{ orphans: false, onOutput: undefined, pipes: undefined },
}

describe.runIf(process.platform === 'linux')('on a busy machine', () => {
  test('output that is passed on late is not lost', async () => {
    const command = `${LATE} (exec >/dev/null 2>&1; sleep 0.5; kill -CONT $passers) &`
    const { exitCode, stdout } = await runCommand({ ...OPTIONS, command }).ended
    expect([exitCode, stdout.toString()]).toEqual([0, 'told\n'])
  })

  test('output that arrives while this process gets no time is not lost', async () => {
    const { pid, ended } = runCommand(OPTIONS)
    while (existsSync(`/proc/${pid}`)) await delay(5)
    // Longer than the silence that ends a command. Timers run next, before anything is read.
    setImmediate(() => spawnSync('bash', ['-c', `kill -CONT -- -${pid}; sleep 0.3`]))
    const { exitCode, stdout } = await ended
    expect([exitCode, stdout.toString()]).toEqual([0, 'told\n'])
  })

  test('output that the host takes late is not lost', async () => {
    const taken: string[] = []
    const { stdout } = await runCommand({
      ...OPTIONS,
      command: 'head -c 300000 /dev/zero',
      async onOutput(_, chunk) {
        // Longer than the silence that ends a command, once.
        if (taken.push(chunk.toString()) === 1) await delay(500)
      },
    }).ended
    expect([stdout.length, taken.join('').length]).toEqual([300_000, 300_000])
  })
})
