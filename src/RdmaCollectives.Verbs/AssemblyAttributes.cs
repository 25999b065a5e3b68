using System.Runtime.CompilerServices;

// A struct that is not blittable must not compile as an argument of a native call.
[assembly: DisableRuntimeMarshalling]
