// Sentences in a row.

/**
 * Sentences as one text: with a space between two of them, but none after a Chinese full stop.
 * @param {string[]} sentences empty ones are left out
 */
export function joined(sentences) {
  return sentences
    .filter(Boolean)
    .join(" ")
    .replace(/([。！？]) /g, "$1");
}
