import type { PlainPart } from './settings-shape.ts'

/** A version, which can hold no shell syntax, address or path: `22`, `3.14`, `22.x`, `17.0.0-alpha.9`. */
export const VERSION =
  /^v?\d{1,9}(?:\.(?:\d{1,9}|x|\*)){0,3}(?:-(?:alpha|beta|rc|preview|dev)(?:[.-]?\d{1,5}){0,2})?$/
/** A text without expressions that CI would expand. */
const WORDS = /^(?!.*(?:\$\{|\$\(|\{\{|<<))[^\n]{0,300}$/

/** Numbers in a command that may change: the version of a package, the number of parallel jobs. */
const COUNTED = /(?<=[\w-]@)\d{1,6}\.\d{1,6}[\w.-]{0,90}(?=["'\s]|$)|(?<=\s-j)\d{1,3}(?=\s|$)/g

/** A device of Xcode: `DESTINATION='platform=iOS Simulator,name=iPhone 8'`. */
const SIMULATED = /(?<=(?:^|\s)DESTINATION=)'platform=[\w ]{1,40}(?:,\w{1,10}=[\w .()]{1,60}){0,3}'(?=\s|$)/g

/** Parts of CI settings of any service that may change freely. None is a command, address, secret or permission. */
export const CI_PARTS: readonly PlainPart[] = [
  { key: /version(?:\/(?:-|default))?$/i, value: VERSION },
  // AppVeyor numbers its builds.
  { key: /^version$/, value: /^\d{1,4}(?:\.\d{1,4}){0,3}[.-]\{build\}$/ },
  {
    key: /^tasks\/[^/]{1,60}\/platform$/,
    value: /^(?:ubuntu|debian|centos|rockylinux|fedora|windows|macos)\w{0,20}$/,
  },
  { key: /^tasks\/[^/]{1,60}\/name$/, value: WORDS },
  // Language versions of Travis.
  {
    key: /^(?:node_js|python|go|rvm|php|jdk|dart|scala|perl|ghc|otp_release|elixir)(?:\/-)?$/,
    value: VERSION,
  },
  // The release of Node that starts a program of an action; the program stays.
  { key: /^runs\/using$/, value: /^node\d{2}$/, kept: () => 'node' },
  // Systems that a service offers by name, and the devices that Xcode simulates.
  { key: /^osx_image$/, value: /^xcode\d{1,2}(?:\.\d{1,2}){0,2}$/ },
  {
    key: /^image(?:\/-)?$/,
    value: /^(?:Visual Studio \d{4}(?: Preview)?|Ubuntu(?:\d{4})?|macOS(?:-\w{1,20})?)$/,
  },
  { key: /^env\/(?:(?:matrix|jobs)\/)?-$/, kept: (text) => text.replace(SIMULATED, '#') },
  // Azure tasks that install a toolchain.
  {
    key: /(?:^|\/)steps\/-\/task$/,
    value:
      /^(?:UseDotNet|NodeTool|UseNode|UsePythonVersion|UseRubyVersion|GoTool|JavaToolInstaller)@\d{1,3}$/,
  },
  { key: /(?:^|\/)steps\/-\/inputs\/packageType$/, value: /^(?:runtime|sdk)$/ },
  { key: /(?:^|\/)steps\/-\/displayName$/, value: WORDS },
  {
    key: /^(?:name|description|author|branding\/\w{1,20}|inputs\/[^/]+\/(?:description|deprecationMessage)|outputs\/[^/]+\/description|runs\/steps\/-\/name)$/,
    value: WORDS,
  },
  { key: /(?:^|\/)(?:timeout-minutes|timeoutInMinutes|no_output_timeout)$/, value: /^\d{1,5}[smh]?$/ },
  // Another release of the same action, orb or image. A commit would not be plain, since it may come from a fork.
  { key: /(?:^|\/)uses$/, value: /^[\w.-]+\/[\w./-]+@v?\d{1,6}(?:\.\d{1,6}){0,2}$/, kept: beforeSign('@') },
  { key: /^orbs\/[\w-]+$/, value: /^[\w-]+\/[\w-]+@\d{1,6}(?:\.\d{1,6}){0,2}$/, kept: beforeSign('@') },
  { key: /(?:^|\/)image$/, value: /^[a-z0-9][a-z0-9./_-]*:\d[\w.-]{0,60}$/, kept: beforeSign(':') },
  { key: /(?:^|[/_])(?:run|command|script|commands)(?:\/-)?$/, kept: (text) => text.replace(COUNTED, '#') },
]

function beforeSign(sign: string): (value: string) => string {
  return (value) => value.slice(0, value.lastIndexOf(sign))
}
