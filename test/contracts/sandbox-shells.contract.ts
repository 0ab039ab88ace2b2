import { expect, test } from 'vitest'
import type { ExecOptions, ExecResult, Sandbox } from '../../src/sandbox/sandbox.ts'
import { limitOnceBegun } from '../support/limit-once-begun.ts'

interface ShellSubject {
  readonly exec: (command: string, options?: ExecOptions) => Promise<ExecResult>
  readonly sandbox: () => Sandbox
}

/** What an agent may write to its home so that every later shell lies. */
const PROFILE = `
echo a line of the profile; echo another >&2
set -e
alias git='echo alias' ls='echo alias'
git() { echo forged by a function; }; printf() { builtin echo forged; }; cat() { :; }; node() { return 0; }
export -f git printf cat node
export BASH_ENV="$HOME/.bash_env" ENV="$HOME/.bash_env" PROMPT_COMMAND='echo prompt'
export GIT_DIR=/nowhere GIT_EXTERNAL_DIFF=/bin/false LD_BIND_NOW=1
export PATH="$HOME/bin:$HOME/.local/bin:$PATH" KEPT_BY_PROFILE=yes
trap 'echo trapped' EXIT
`
const PLANTED = ['.profile', '.bash_profile', '.bash_login', '.bashrc', '.bash_env', '.bash_aliases']

/** Plants all of it, with programs of common names, a git configuration, and a start file of Python. */
async function plantProfile(sandbox: Sandbox): Promise<void> {
  const { home } = sandbox
  const put = (path: string, text: string) => sandbox.writeFile(`${home}/${path}`, Buffer.from(text))
  for (const name of PLANTED) await put(name, PROFILE)
  for (const bin of ['bin', '.local/bin']) {
    for (const name of ['git', 'node', 'sed', 'env'])
      await put(`${bin}/${name}`, '#!/bin/sh\necho forged by a program\n')
  }
  await put(
    '.gitconfig',
    `[alias]\n\tstatus = !echo forged\n[core]\n\thooksPath = ${home}/hooks\n\tfsmonitor = ${home}/bin/git\n[diff]\n\texternal = ${home}/bin/git\n`,
  )
  await put('hooks/post-checkout', '#!/bin/sh\necho forged by a hook\n')
  await sandbox.exec('chmod +x ~/bin/* ~/.local/bin/* ~/hooks/*', { env: { HOME: home } })
}

async function removeProfile(sandbox: Sandbox): Promise<void> {
  const names = [...PLANTED, '.gitconfig', 'bin', '.local', 'hooks'].join(' ')
  await sandbox.exec(`rm -rf ${names}`, { cwd: sandbox.home })
}

/** The part of the sandbox contract that is about whose shell a command runs in. */
export function shellContract({ exec, sandbox }: ShellSubject): void {
  test("the host's commands see nothing of what was written to the home; the agent's do", async () => {
    const before = (await exec('echo "$PATH"')).stdout
    await plantProfile(sandbox())
    const { exitCode, stdout, stderr } = await exec(
      'echo "$PATH"; echo "$HOME:$KEPT_BY_PROFILE$BASH_ENV$ENV$GIT_DIR$LD_BIND_NOW$PROMPT_COMMAND"; ' +
        'printf "%s\\n" plain | cat; git --version | cut -c1-11; type -t git; false; echo after; bash -c "type -t git"',
    )
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: `${before}/proc/nonexistent:\nplain\ngit version\nfile\nafter\nfile\n`,
      stderr: '',
    })
    expect((await exec('node -e "process.exit(1)"')).exitCode).toBe(1)
    expect(Buffer.from(await sandbox().readFile(`${sandbox().home}/.profile`)).toString()).toBe(PROFILE)

    const agent = await exec('echo "$KEPT_BY_PROFILE:$HOME"; git', { shell: 'agent' })
    await removeProfile(sandbox())
    expect(agent.stdout).toContain(`yes:${sandbox().home}\nforged by a function\n`)
  })

  test("the agent's shell has what it exports in its profile, and none of what that prints", async () => {
    const put = (text: string) => sandbox().writeFile(`${sandbox().home}/.profile`, Buffer.from(text))
    const show = async () => (await exec('echo "$ADDED"', { shell: 'agent', env: { GIVEN: '1' } })).stdout
    expect(await show()).toBe('\n')
    await put('echo noise; set -eu; export ADDED="tool $GIVEN"; cat\nfalse')
    expect(await show()).toBe('') // The profile ended its shell, as it ends a login shell.
    await put('echo noise; export ADDED="tool $GIVEN"; cat')
    expect(await show()).toBe('tool 1\n')
    await removeProfile(sandbox())
  })

  test('a command brings the next one with it, which has its own shell and its own result', async () => {
    const command = 'echo main; echo bad >&2; exit 3'
    const next = {
      command: 'cat; echo "$NEXT:$HOME"; echo apart >&2; exit 4',
      env: { NEXT: 'next' },
      cwd: '/',
    }
    const { next: following, ...result } = await exec(command, { shell: 'agent', stdin: 'unread', next })
    expect(result).toEqual({ exitCode: 3, outcome: 'exited', stdout: 'main\n', stderr: 'bad\n' })
    expect(await following).toEqual({
      exitCode: 4,
      outcome: 'exited',
      stdout: 'next:/proc/nonexistent\n',
      stderr: 'apart\n',
    })
  })

  test('the next command also follows one that took too long, has its own limit, and none that was aborted', async () => {
    const slow = await exec('sleep 60', { timeoutMs: 300, next: { command: 'echo kept' } })
    expect([slow.outcome, (await slow.next)?.stdout]).toEqual(['timeout', 'kept\n'])
    const next = 'echo begun; touch begun; sleep 600'
    const following = await limitOnceBegun(
      async (timeoutMs) => (await exec('echo quick', { next: { command: next, timeoutMs } })).next,
      async () => (await exec('rm begun')).exitCode === 0,
    )
    expect(following).toMatchObject({ exitCode: 124, outcome: 'timeout', stdout: 'begun\n' })
    const abort = new AbortController()
    const aborted = await exec('echo up; sleep 60', {
      signal: abort.signal,
      onStdout: () => abort.abort(new Error('stop')),
      next: { command: 'touch followed' },
    })
    expect([aborted.outcome, aborted.next]).toEqual(['aborted', undefined])
    expect((await exec('ls followed')).exitCode).not.toBe(0)
  })

  test('pipes, devices and sockets are refused at once, to read and to write', async () => {
    const { home } = sandbox()
    const listen = `require('net').createServer().listen('odd/socket', () => process.exit(0)).unref()`
    await exec(
      `mkdir -p odd && mkfifo odd/fifo && ln -s fifo odd/link && ln -s /dev/zero odd/zero && node -e "${listen}"`,
    )
    await exec('exec 9<>odd/fifo; sleep 60 >/dev/null 2>&1 &')
    for (const name of ['fifo', 'link', 'zero']) {
      const refused = { class: 'path_not_found', message: `${home}/odd/${name} is not a regular file.` }
      await expect(sandbox().readFile(`${home}/odd/${name}`)).rejects.toMatchObject(refused)
      await expect(sandbox().writeFile(`${home}/odd/${name}`, Buffer.from('x'))).rejects.toMatchObject(
        refused,
      )
      await expect(sandbox().writeFile(`${home}/odd/${name}`, Buffer.alloc(80_000))).rejects.toMatchObject(
        refused,
      )
    }
    await expect(sandbox().readFile(`${home}/odd`)).rejects.toMatchObject({ class: 'path_not_found' })
    expect((await sandbox().inspect('odd/fifo', { cwd: home, maxBytes: 10 })).kind).toBe('other')
  })

  test('a file call ends when it is aborted, and reads no more than it may', async () => {
    const path = `${sandbox().home}/sized`
    await sandbox().writeFile(path, Buffer.alloc(300_000, 'a'))
    expect(await sandbox().readFile(path, { maxBytes: 300_000 })).toHaveLength(300_000)
    const refused = { class: 'path_not_found', message: `${path} is larger than 299999 bytes.` }
    await expect(sandbox().readFile(path, { maxBytes: 299_999 })).rejects.toMatchObject(refused)
    const reason = new Error('left')
    const signal = AbortSignal.abort(reason)
    await expect(sandbox().readFile(path, { signal })).rejects.toBe(reason)
    await expect(sandbox().writeFile(path, Buffer.from(''), { signal })).rejects.toBe(reason)
    await expect(sandbox().inspect(path, { cwd: '/', maxBytes: 1, signal })).rejects.toBe(reason)
    expect(await sandbox().readFile(path)).toHaveLength(300_000)
  })
}
