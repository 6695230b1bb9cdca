// Which JavaScript engine runs this, without asking the host: a few kernels differ by a factor of up to 100 between engines.
// Next file: mask.ts.

/**
 * True on V8. Function.prototype.toString prints native functions on one line there, on several in JavaScriptCore and SpiderMonkey.
 * A wrong guess costs speed, never correctness.
 */
export const V8: boolean = !Function.prototype.toString.call(Array).includes("\n");
