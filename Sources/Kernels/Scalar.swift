/// What each kernel computes, one element after another: the readable truth.
public enum Scalar {}
