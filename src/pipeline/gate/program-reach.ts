/** Words and signs of a command that starts other programs, uses the network, reads secrets or obscures what it does. */
const COMMAND_REACHES =
  /(?:^|[\s;&|("'])(?:curl|wget|ncat|nc|ssh|scp|rsync|bash|sh|zsh|cmd|powershell|pwsh|eval|exec|source|base64|openssl|env|printenv|sudo|chmod|chown|npx|bunx|pnpx|pip3?|gem|go|git|docker|tee|osascript|perl|ruby|php)(?=$|[\s;&|)"'])|\bdlx\b|:\/\/|\b(?:node|bun|deno)\s+(?:-|eval\b)|\bpython3?\s+-c|[`$<>~\\]|\.\.\/|\/(?:etc|tmp|home|root|dev|usr|var|proc)\b|token|secret|password|passwd|_auth/i

/** True if a command does more than call tools of the project with settings and files. Takes linear time. */
export function commandReaches(command: string): boolean {
  return COMMAND_REACHES.test(command)
}

/** The same for a line of a build program in any language. */
const LINE_REACHES =
  /:\/\/|git\+|\b(?:process|net|libc|fs|File|symlink|open|system|popen|spawn\w{0,5}|rename|remove|chmod|http|base64|decode)\b|\.\.\/|~\/|\.(?:git|ssh|npmrc|aws|config|bashrc|profile)\b|\/(?:etc|tmp|home|root|dev|usr|var|proc)\b|\\x|\\u|token|secret|password/i
const RUST_REACHES =
  /\b(?:Command|TcpStream|UdpSocket|reqwest|ureq|hyper|attohttpc|isahc|nix|winapi|asm|global_asm|transmute|dlopen|libloading|home_dir|set_var|vars|vars_os|OpenOptions|unsafe|extern)\b|\binclude!|#\s?!?\[\s?path|^\s*(?:pub\s+)?mod\s/
const PYTHON_REACHES =
  /\b(?:exec\w{0,3}|eval|compile|subprocess|Popen|run|call|check_\w{1,10}|__(?!version__|name__|file__)\w{1,30}__|importlib|import_module|runpy|socket|urllib\w{0,2}|requests|httpx|ftplib|smtplib|ctypes|cffi|binascii|codecs|zlib|pickle|marshal|shutil|environ|getenv|write_text|write_bytes|unlink|rmtree|replace|getattr|setattr|globals|locals|vars|chr|fromhex)\b/

/**
 * True if a program has a new line that reaches beyond the build. Moved lines and other computations are left to the
 * review of the diff, as in every source that a build runs.
 */
export function programReaches(
  language: 'rust' | 'python',
  { before, after }: { readonly before: string; readonly after: string },
): boolean {
  const reaches = [LINE_REACHES, language === 'rust' ? RUST_REACHES : PYTHON_REACHES]
  const known = new Set(before.split('\n').map((line) => line.trim()))
  return after
    .split('\n')
    .map((line) => line.trim())
    .some((line) => !known.has(line) && (line.length > MAX_LINE || reaches.some((words) => words.test(line))))
}

/** Characters; no person reads a longer line, so it counts as reaching out. */
const MAX_LINE = 400
