import { expect, test } from 'vitest'
import { LOOK_BYTES } from '../../src/sandbox/live-view.ts'
import type { ExecOptions, ExecResult, Sandbox } from '../../src/sandbox/sandbox.ts'
import { limitOnceBegun } from '../support/limit-once-begun.ts'

/** The sandbox that commands are tried in. */
interface CommandSubject {
  readonly exec: (command: string, options?: ExecOptions) => Promise<ExecResult>
  readonly sandbox: () => Sandbox
  /** Makes a number that no other test on this machine sleeps for. */
  readonly own: (number: number) => string
  /** How many processes sleep for one of the numbers. */
  readonly sleepers: (...numbers: readonly string[]) => Promise<number>
}

/** The part of the sandbox contract that is about running commands. */
export function commandContract({ exec, sandbox, own, sleepers }: CommandSubject): void {
  test('a command ends with its own exit code', async () => {
    expect(await exec('exit 7')).toEqual({ exitCode: 7, outcome: 'exited', stdout: '', stderr: '' })
    expect((await exec('true')).exitCode).toBe(0)
  })

  test('a program that does not exist is a failing command, not an exception', async () => {
    const result = await exec('no-such-program')
    expect(result.exitCode).toBe(127)
    expect(result.stderr).toContain('no-such-program')
  })

  test('stdout and stderr stay apart', async () => {
    const { stdout, stderr } = await exec('echo out; echo err >&2')
    expect([stdout, stderr]).toEqual(['out\n', 'err\n'])
  })

  test('a command may open its own output by name', async () => {
    const result = await exec('echo out >/dev/stdout; echo err >/dev/stderr; echo both | tee /dev/stderr')
    expect([result.exitCode, result.stdout, result.stderr]).toEqual([0, 'out\nboth\n', 'err\nboth\n'])
  })

  test('characters of more than one byte arrive whole', async () => {
    expect((await exec("printf 'größe 🚀 日本'")).stdout).toBe('größe 🚀 日本')
  })

  test('output arrives while the command runs', async () => {
    const chunks: string[] = []
    const first = Promise.withResolvers<void>()
    const running = exec('echo one; until [ -e go ]; do sleep 0.02; done; echo two; echo bad >&2', {
      onStdout: (text) => {
        chunks.push(text)
        first.resolve()
      },
      onStderr: (text) => chunks.push(`stderr:${text}`),
    })
    await first.promise
    expect(chunks.join('')).toBe('one\n')
    await exec('touch go')
    const result = await running
    expect(result.stdout).toBe('one\ntwo\n')
    expect(chunks.filter((text) => !text.startsWith('stderr:')).join('')).toBe('one\ntwo\n')
    expect(chunks).toContain('stderr:bad\n')
  })

  test('the end of what a running command has printed can be looked at, however much that is', async () => {
    let look = (): Promise<string> => Promise.reject(new Error('It did not start.'))
    const command =
      'echo one; until [ -e go-on ]; do sleep 0.02; done; yes 0123456 | head -c 3000000; echo last; until [ -e end ]; do sleep 0.02; done'
    const running = exec(command, {
      maxOutputBytes: 256 * 1024,
      onStart: (given) => {
        look = given
      },
    })
    const looked = () => look().catch((error: Error) => `failed: ${error.message}`)
    await expect.poll(looked).toBe('one\n')
    await exec('touch go-on')
    await expect.poll(looked).toMatch(/0123456\nlast\n$/)
    expect(Buffer.byteLength(await looked())).toBe(LOOK_BYTES)
    await exec('touch end')
    expect((await running).outcome).toBe('exited')
    expect(await looked()).toMatch(/^failed: /)
  })

  test('stdin reaches the command, text and bytes', async () => {
    expect((await exec('cat', { stdin: 'hello' })).stdout).toBe('hello')
    const { stdout } = await exec('od -An -tx1', { stdin: new Uint8Array([0, 255, 10]) })
    expect(stdout.trim()).toBe('00 ff 0a')
  })

  test('without stdin a command reads nothing and ends', async () => {
    expect((await exec('cat; echo end')).stdout).toBe('end\n')
  })

  test('a command starts at home, or in the directory it is given', async () => {
    expect((await exec('pwd')).stdout.trim()).toBe(sandbox().home)
    await exec('mkdir -p some/place')
    expect((await exec('pwd', { cwd: `${sandbox().home}/some/place` })).stdout.trim()).toBe(
      `${sandbox().home}/some/place`,
    )
  })

  test('a working directory that does not exist is a failing command', async () => {
    const result = await exec('pwd', { cwd: `${sandbox().home}/nowhere` })
    expect(result.exitCode).toBe(127)
    expect(result.stderr).toContain('the working directory does not exist')
  })

  test('a command gets the environment that it is given and none of the host', async () => {
    process.env.BACKSPACE_CONTRACT_CANARY = 'canary-7f3a'
    try {
      const { stdout } = await exec('env', { env: { GIVEN: 'a b\'c"d $HOME' } })
      expect(stdout).toContain('GIVEN=a b\'c"d $HOME\n')
      expect(stdout).not.toContain('canary-7f3a')
      expect((await exec('env')).stdout).not.toContain('GIVEN=')
    } finally {
      delete process.env.BACKSPACE_CONTRACT_CANARY
    }
  })

  test('bash runs the command as it is written, whatever it quotes', async () => {
    const { stdout } = await exec(
      `a=(1 2 3); echo "\${a[@]:1}" 'it'\\''s' "\\"q\\"" <<< x && cat <<'END'\n$raw\nEND`,
    )
    expect(stdout).toBe(`2 3 it's "q"\n$raw\n`)
  })

  test('a command of 200 KB runs', async () => {
    const result = await exec(`: '${'x'.repeat(200_000)}'\necho done`)
    expect(result.stdout).toBe('done\n')
  })

  test('a command that no system can start is a failing command', async () => {
    expect((await exec('echo a\0b')).exitCode).toBeGreaterThan(0)
    expect((await exec('echo still here')).stdout).toBe('still here\n')
  })

  test('what runs too long is ended, with what it said so far', async () => {
    const command = `echo before; touch begun; sleep ${own(4711)}; echo after`
    const result = await limitOnceBegun(
      (timeoutMs) => exec(command, { timeoutMs }),
      async () => (await exec('rm begun')).exitCode === 0,
    )
    expect(result).toEqual({ exitCode: 124, outcome: 'timeout', stdout: 'before\n', stderr: '' })
    expect(await sleepers(own(4711))).toBe(0)
  })

  test('the time limit also ends what left the process group or ignores signals', async () => {
    const command = `(setsid sleep ${own(4712)} &); (trap '' TERM INT; setsid bash -c 'sleep ${own(4713)} & wait' &); sleep ${own(4714)}`
    expect((await exec(command, { timeoutMs: 500 })).outcome).toBe('timeout')
    expect(await sleepers(own(4712), own(4713), own(4714))).toBe(0)
  })

  test('an abort ends the command and all that it started', async () => {
    const abort = new AbortController()
    const running = exec(`echo ready; setsid sleep ${own(4715)} & sleep ${own(4716)}`, {
      signal: abort.signal,
      onStdout: () => abort.abort(new Error('stop')),
    })
    expect(await running).toEqual({ exitCode: 130, outcome: 'aborted', stdout: 'ready\n', stderr: '' })
    expect(await sleepers(own(4715), own(4716))).toBe(0)
  })

  test('an abort that came before does not run the command', async () => {
    const result = await exec('sleep 4717; touch never', { signal: AbortSignal.abort() })
    expect(result.outcome).toBe('aborted')
    expect((await exec('ls never')).exitCode).not.toBe(0)
  })

  test('what goes on in the background does not hold a command up, and keeps running', async () => {
    const result = await exec(`sleep ${own(4718)} & echo started`)
    expect(result).toEqual({ exitCode: 0, outcome: 'exited', stdout: 'started\n', stderr: '' })
    expect(await sleepers(own(4718))).toBe(1)
  })

  test('a server of one command answers the next', async () => {
    const serve = `require('http').createServer((q, r) => r.end('hi')).listen(0, '127.0.0.1', function () {
      require('fs').writeFileSync('port', String(this.address().port)) })`
    await exec('node serve.js & until [ -s port ]; do sleep 0.02; done', {
      env: { UNUSED: '' },
      stdin: await putFile(sandbox(), 'serve.js', serve),
    })
    const ask = `fetch('http://127.0.0.1:' + require('fs').readFileSync('port', 'utf8')).then((r) => r.text()).then(console.log)`
    await putFile(sandbox(), 'ask.js', ask)
    expect((await exec('node ask.js')).stdout).toBe('hi\n')
  })

  test('of 100 MB of output the beginning and the end are kept', async () => {
    const before = process.memoryUsage().rss
    const result = await exec("echo BEGIN; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo END", {
      maxOutputBytes: 64 * 1024,
    })
    expect(result.stdout.startsWith('BEGIN\nxxx')).toBe(true)
    expect(result.stdout.endsWith('xxx\nEND\n')).toBe(true)
    expect(result.stdout).toMatch(/\n\[… 99\d{6} bytes left out …\]\n/)
    expect(Buffer.byteLength(result.stdout)).toBeLessThan(64 * 1024 + 100)
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  })

  test('a command ends as its shell does: by a signal, with closed output, or in the middle of a pipe', async () => {
    expect((await exec('echo before; kill -KILL $$')).stdout).toBe('before\n')
    expect((await exec('kill -TERM $$')).exitCode).toBe(143)
    expect((await exec('exec >&- 2>&-; exit 3')).exitCode).toBe(3)
    expect((await exec('yes | head -1; echo $PIPESTATUS')).stdout).toBe('y\n141\n')
    expect((await exec('exec sleep 0')).exitCode).toBe(0)
  })

  test('bytes that are no text, in output and environment, spoil nothing', async () => {
    const { stdout } = await exec("printf 'a\\377\\0b\\r\\n\\033[1mc'")
    expect(stdout).toBe('a\uFFFD\0b\r\n\u001b[1mc')
    const env = { LINES_OF_IT: 'one\ntwo\t', EMPTY: '', EQUALS: 'a=b=c', UNICODE: 'ü🚀' }
    const show = 'printf "%s|" "$LINES_OF_IT" "$EMPTY" "$EQUALS" "$UNICODE"'
    expect((await exec(show, { env })).stdout).toBe('one\ntwo\t||a=b=c|ü🚀|')
  })

  test('commands run side by side and keep their output apart', async () => {
    const results = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => exec(`for i in 1 2 3; do echo ${name}$i; sleep 0.02; done`)),
    )
    expect(results.map(({ stdout }) => stdout)).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `${name}1\n${name}2\n${name}3\n`),
    )
  })
}

/** Puts a script next to the commands; the result serves as an empty stdin. */
export async function putFile(sandbox: Sandbox, name: string, text: string): Promise<string> {
  await sandbox.writeFile(`${sandbox.home}/${name}`, Buffer.from(text))
  return ''
}
