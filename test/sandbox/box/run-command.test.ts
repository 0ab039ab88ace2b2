import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { runCommand } from '../../../src/sandbox/box/run-command.ts'

/** Keeps what passes the output on from its work until after the command has ended, as a busy machine does. */
const LATE = `
for file in /proc/[0-9]*/stat; do
  read -r pid name state parent group rest <$file && [ "$name $group" = "(cat) $$" ] && passers="$passers $pid"
done 2>/dev/null
kill -STOP $passers
echo told
(exec >/dev/null 2>&1; sleep 0.6; kill -CONT $passers) &
`

test.runIf(process.platform === 'linux')(
  'output that is passed on late, on a busy machine, is not lost',
  async () => {
    const { ended } = runCommand({
      ...{
        command: LATE,
        shell: 'host',
        home: tmpdir(),
        cwd: tmpdir(),
        env: { PATH: process.env.PATH ?? '' },
      },
      ...{ timeoutMs: 60_000, maxOutputBytes: 1000, stdin: Buffer.alloc(0) },
      ...{ marker: `late-${process.pid}`, orphans: false, onOutput: undefined, pipes: undefined },
    })
    const { exitCode, stdout } = await ended
    expect([exitCode, stdout.toString()]).toEqual([0, 'told\n'])
  },
)
