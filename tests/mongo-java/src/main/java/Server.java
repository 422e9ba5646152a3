import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

/* A MongoDB server in memory, for tests: Server PORT, on loopback. */
public class Server {
	public static void main(String[] args) throws Exception {
		new MongoServer(new MemoryBackend()).bind("127.0.0.1",
		    Integer.parseInt(args[0]));
	}
}
