using RdmaCollectives.Architecture.Tests.Uses.Upper;

// Every way in which a type can use one of another layer, for the tests of the layer check.
namespace RdmaCollectives.Architecture.Tests.Uses.Lower;

internal sealed class BaseClass : Service;

internal sealed class Interface : IService;

internal sealed class FieldOfArray
{
    public Service[]? Services { get; set; }
}

internal sealed class GenericArgument
{
    public static int Count() => new Dictionary<string, List<Service>>(StringComparer.Ordinal).Count;
}

internal sealed class ConstraintOnly
{
    public static string Name<T>() where T : IService => typeof(T).Name;
}

internal sealed class CallInLambda
{
    public static Func<int> Deferred(object value) => () => Service.Call(value);
}

internal sealed class CastInAsync
{
    public static async Task<bool> Ask(Task<object> task) => await task is Service;
}

internal sealed class CaughtException
{
    public static bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (ServiceException)
        {
            return false;
        }
    }
}

internal sealed class StaticField
{
    public static object Get() => Service.Shared;
}

internal sealed unsafe class FunctionPointer
{
    public delegate*<Service, void> Target { get; set; }
}
