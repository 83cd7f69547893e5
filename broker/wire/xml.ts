/** Writing XML 1.0: elements and text, nothing else. */

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** `text` as character data. Characters that XML cannot carry become U+FFFD, since a reader would refuse the whole answer. */
export function escapeXml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => escapes[character] as string)
    .replace(/\r/g, '&#xD;')
    .replace(unfit, '\ufffd')
}

/** What XML 1.0, section 2.2, leaves out: control characters but for three, two that are none, and halves of pairs. */
const unfit = /(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]|\p{Cs}/gu

/** An element around `content`, which is XML already. */
export function element(name: string, content: string, attributes = ''): string {
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`
}
